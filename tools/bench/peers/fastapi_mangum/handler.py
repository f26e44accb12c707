"""FastAPI with Mangum, its usual adapter, and a model of the request."""

import os
import uuid

import boto3
from consultation import Consultation
from fastapi import FastAPI
from mangum import Mangum

app = FastAPI(title="Consultations")
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


@app.post("/consultations", status_code=201)
def create_consultation(consultation: Consultation) -> dict[str, str]:
    """Store a valid request."""
    item = consultation.model_dump(mode="json", by_alias=True, exclude_none=True)
    item["id"] = str(uuid.uuid4())
    table.put_item(Item=item)
    return {"id": item["id"]}


handler = Mangum(app, lifespan="off")
