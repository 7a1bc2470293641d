"""The classifiers, one module per family of formats: each looks at a file and answers with its shape, or None."""
