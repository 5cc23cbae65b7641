"""What the reviewer's pages read: lists and one case's file, never more than the person may see."""
