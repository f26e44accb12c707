"""The usual tutorial: Powertools with all decorators, a model of the request, the email sent during the request."""

import os
import uuid
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from consultation import Consultation

logger = Logger()
tracer = Tracer()
metrics = Metrics()
app = APIGatewayRestResolver(enable_validation=True)

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
ses = boto3.client("sesv2")


@app.post("/consultations")
@tracer.capture_method
def create_consultation(consultation: Consultation) -> Response[dict[str, str]]:
    """Store a valid request and email the clinic."""
    item = consultation.model_dump(mode="json", by_alias=True, exclude_none=True)
    item["id"] = str(uuid.uuid4())
    table.put_item(Item=item)
    notify_clinic(item["id"])
    metrics.add_metric(name="ConsultationsCreated", unit=MetricUnit.Count, value=1)
    logger.info("Consultation created", extra={"id": item["id"]})
    return Response(status_code=201, content_type=content_types.APPLICATION_JSON, body={"id": item["id"]})


@tracer.capture_method
def notify_clinic(consultation_id: str) -> None:
    """Email the clinic about a new request."""
    ses.send_email(
        FromEmailAddress=os.environ["SENDER_ADDRESS"],
        Destination={"ToAddresses": os.environ["ALERT_RECIPIENTS"].split(",")},
        Content={
            "Simple": {
                "Subject": {"Data": "New consultation request"},
                "Body": {"Text": {"Data": f"A new consultation request has arrived: {consultation_id}"}},
            }
        },
    )


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway event."""
    return app.resolve(event, context)
