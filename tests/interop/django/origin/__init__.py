"""The protected server: a DRF site that stands behind the gate."""
