"""A small Flask application with a WSGI adapter, the usual way to move Flask to Lambda."""

import os
import uuid

import boto3
from apig_wsgi import make_lambda_handler
from flask import Flask, request

app = Flask(__name__)
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


@app.post("/consultations")
def create_consultation() -> tuple[dict[str, str], int]:
    """Store any request."""
    item = request.get_json()
    item["id"] = str(uuid.uuid4())
    table.put_item(Item=item)
    return {"id": item["id"]}, 201


handler = make_lambda_handler(app)
