"""The DynamoDB table: leads, their timeline, people, and the indexes."""
