"""Lets a Django or DRF site take requests from its Countersign gate alone, by the gate's seal."""
