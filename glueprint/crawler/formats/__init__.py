"""The classifiers, one module per family of formats: each inspects a file and returns its schema, or None.

``source`` is a file as classifiers read it: a decompressed sample. ``text`` has what the classifiers of text
share, ``values`` the types of values that are written as text, ``unknown`` the reasons why no classifier
recognises a file.
"""
