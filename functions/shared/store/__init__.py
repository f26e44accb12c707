"""Access to the DynamoDB table: leads, their timelines, people and indexes."""
