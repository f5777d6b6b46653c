// Nothing: a program that ends well.
