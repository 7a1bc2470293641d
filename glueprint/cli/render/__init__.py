"""What commands print, as pure functions from data to rich renderables and text."""
