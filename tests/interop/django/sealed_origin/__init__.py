"""Origins that refuse who goes around the gate: each view or site verifies the gate's seal."""
