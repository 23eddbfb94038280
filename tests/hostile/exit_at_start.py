"""Ends its process when the server starts."""

# points: 0
# status: does not start

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def start(app: FastAPI) -> AsyncIterator[None]:
    os._exit(0)
    yield


app = FastAPI(lifespan=start)
