"""What commands show, as pure functions from data to rich renderables and text."""
