"""The calling server: a Django site that signs what it posts to other servers."""
