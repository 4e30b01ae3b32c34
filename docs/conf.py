"""How `make docs` makes a site of this folder: everything in it comes from here, nothing from elsewhere."""

project = "Auto Sync"
html_title = "Auto Sync"
extensions = ["myst_parser"]
myst_heading_anchors = 3
html_theme = "furo"
html_theme_options = {"top_of_page_buttons": []}
html_copy_source = False
html_show_sphinx = False
exclude_patterns = ["decisions/TEMPLATE.md"]
suppress_warnings = ["myst.header"]
