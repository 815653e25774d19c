"""Few labels, many complete series: who makes the most of them."""
