"""The credential stores that come with the SDK; others are plug-ins."""
