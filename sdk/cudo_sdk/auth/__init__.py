"""Who is calling: where the credential comes from, and where it may go. The only part that reads files."""
