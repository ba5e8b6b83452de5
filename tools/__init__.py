"""Programs that write drawings, figures and screenshots for the page and the documents."""
