"""Tables of the Data Catalog as sources and sinks see them."""
