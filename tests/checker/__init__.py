"""An independent checker: from what services published, and the rule packs' files, what must have followed."""
