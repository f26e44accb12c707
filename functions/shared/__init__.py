"""What several Lambdas use."""
