"""The options that most clinics leave off: a domain of their own, and a budget."""

from tests.architecture.templates import Templates, ref

_DOMAIN = "AWS::ApiGateway::DomainName"
_PATHS = "AWS::ApiGateway::BasePathMapping"
_OPTIONS = {"OwnDomain": "HasDomain", "AccountBudget": "HasBudget"}
_OFF = {"DomainName": "", "CertificateArn": "", "HostedZoneId": "", "MonthlyBudget": 0}


def the_domain_changes_the_host_alone(templates: Templates) -> list[str]:
    """A form or link keeps working if the host of its address is replaced."""
    stages = {api["Properties"]["StageName"] for _, api in templates.of_type("AWS::Serverless::Api")}
    return [
        f"{place}: set BasePath: {' or '.join(sorted(stages))}, RestApiId: !Ref ApiId and Stage: !Ref ApiStage"
        for place, paths in templates.of_type(_PATHS)
        if paths["Properties"].get("BasePath") not in stages
        or (ref(paths["Properties"].get("RestApiId")), ref(paths["Properties"].get("Stage"))) != ("ApiId", "ApiStage")
    ]


def the_domain_is_served_over_new_tls(templates: Templates) -> list[str]:
    """API Gateway accepts TLS 1.0 otherwise. Only a regional domain can serve a regional API."""
    return [
        f"{place}: set SecurityPolicy: TLS_1_2 and EndpointConfiguration: {{ Types: [REGIONAL] }}"
        for place, domain in templates.of_type(_DOMAIN)
        if domain["Properties"].get("SecurityPolicy") != "TLS_1_2"
        or domain["Properties"].get("EndpointConfiguration") != {"Types": ["REGIONAL"]}
    ]


def options_are_off_by_default(templates: Templates) -> list[str]:
    """An update must not create a domain or a budget that nobody asked for."""
    broken = [
        f"template.yaml: create {name} only if {condition}"
        for name, condition in _OPTIONS.items()
        if templates.main["Resources"].get(name, {}).get("Condition") != condition
    ]
    return broken + [
        f"template.yaml: let {name} be {value!r} by default"
        for name, value in _OFF.items()
        if templates.main["Parameters"].get(name, {}).get("Default") != value
    ]
