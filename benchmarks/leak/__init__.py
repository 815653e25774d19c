"""What z-normalising complete series flatters early results by."""
