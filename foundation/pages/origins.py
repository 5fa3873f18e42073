"""Whether somebody went on from a page of this site, or came by a link from elsewhere."""


def came_from_own_page(request) -> bool:
    """Whatever a GET keeps must have been asked for on a page of ours: a link in a mail or on another site asks as
    well, and whoever follows it did not.

    Browsers tell it by `Sec-Fetch-Site`, over plain http only by the referrer, which others can leave out but not
    forge. A visit that tells neither came from elsewhere.
    """
    told = request.headers.get("Sec-Fetch-Site")
    if told:
        return told == "same-origin"
    _scheme, _, rest = request.headers.get("Referer", "").partition("://")
    return rest.startswith(f"{request.get_host()}/")
