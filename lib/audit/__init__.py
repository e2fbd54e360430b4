"""What an account keeps about itself: who did what, what changed, what looks wrong."""
