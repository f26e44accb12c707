"""Code that several Lambdas share."""
