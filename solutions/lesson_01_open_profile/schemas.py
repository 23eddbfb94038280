"""What the API answers with."""

from pydantic import BaseModel


class PublicProfile(BaseModel):
    """What everybody may know of a person."""

    # >>> your turn 2: name the two fields that the public may see
    # before: pass
    username: str
    full_name: str
    # <<<
