"""What the interop test needs besides its scenarios: processes, HTTP, the origin's journal."""
