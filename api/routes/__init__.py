"""Business resources, one a file; each router's paths are whole (`/v1/...`), and `ROUTERS` is what the app serves."""

from fastapi import APIRouter

from api.routes import deposits

ROUTERS: list[APIRouter] = [deposits.router]
