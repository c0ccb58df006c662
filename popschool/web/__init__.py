"""The shell of every page: frame, forms, macros, styles, languages, errors. It knows no feature."""
