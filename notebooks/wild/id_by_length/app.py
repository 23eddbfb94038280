"""Posts that get their number from the length of the list, whatever id the body holds."""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()


class Post(BaseModel):
    """A post; the model has an id, so `/docs` offers a field for it, with a 0 inside."""

    id: int | None = None
    title: str


posts = [Post(id=1, title="Pancake"), Post(id=2, title="Waffle"), Post(id=3, title="Toast")]


@app.post("/posts", status_code=201)
def add(post: Post) -> Post:
    """Store a post."""
    post.id = len(posts) + 1
    posts.append(post)
    return post


@app.get("/posts/{post_id}")
def read(post_id: int) -> Post:
    """Return the first post of that id."""
    for post in posts:
        if post.id == post_id:
            return post
    raise HTTPException(404, "No such post")


@app.delete("/posts/{post_id}", status_code=204)
def remove(post_id: int) -> None:
    """Delete a post."""
    posts.remove(read(post_id))
