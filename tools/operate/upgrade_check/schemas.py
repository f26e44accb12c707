"""Which properties of a resource CloudFormation cannot change in place, by its own schemas (in cfn-lint)."""

from functools import cache


@cache
def create_only(resource_type: str) -> set[str]:
    """Return the properties of a type that replace the resource if they change. Empty for SAM's types."""
    # Loading it takes a second. Most updates change no property, and then nobody asks.
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError  # noqa: PLC0415

    if resource_type.startswith("AWS::Serverless::"):
        # Of these, only a function has a name that we set.
        return {"FunctionName"} if resource_type == "AWS::Serverless::Function" else set()
    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type).schema
    except ResourceNotFoundError:
        return set()
    # Only the first part of a path: what is inside a property changes with it. A change under a condition counts.
    paths = [*schema.get("createOnlyProperties", ()), *schema.get("conditionalCreateOnlyProperties", ())]
    return {path.split("/")[2] for path in paths}
