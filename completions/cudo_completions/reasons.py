"""Why a listing could not be refreshed, in a few words."""


def reason_for(error: Exception, kind: str, project: str) -> str:
    """A short clause for the person at the prompt: "no network", "no such project 'x'"."""
    from cudo_sdk import errors  # only now: it loads the HTTP library, which has failed already

    what = kind.replace("_", " ")
    reasons: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
        (errors.AuthError, "not logged in"),
        (errors.Unauthenticated, "the API key was not accepted"),
        (errors.PermissionDenied, f"no permission to list {what}"),
        (errors.NotFound, f"no such project '{project}'" if project else f"the server knows no {what}"),
        (errors.ResourceExhausted, "too many requests, asking again later"),
        (TimeoutError, "the server does not answer in time"),
        (errors.ConnectionFailed, "no network, or the server is down"),
        (errors.CudoError, str(error)),
    )
    otherwise = f"{what} could not be listed ({type(error).__name__})"
    return next((reason for types, reason in reasons if isinstance(error, types)), otherwise)


def asks_for_rest(error: Exception) -> bool:
    """Whether the server has had too many requests, of whatever kind."""
    from cudo_sdk import errors

    return isinstance(error, errors.ResourceExhausted) or retry_after(error) > 0


def retry_after(error: Exception) -> float:
    """Seconds for which the server asked to be left alone; 0 when it did not."""
    return float(getattr(error, "retry_after", None) or 0)
