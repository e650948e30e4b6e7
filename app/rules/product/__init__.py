"""House rules of this product, stricter than the law in force."""
