# One image for every service: `serve SERVICE` chooses. Runs as a user without rights on a read-only file system.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /daybook
COPY requirements.lock ./
RUN python -m venv /environment && /environment/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.11.14-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin daybook
COPY --from=build /environment /environment
WORKDIR /daybook
COPY events ./events
COPY services ./services
ENV PATH=/environment/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
ENTRYPOINT ["python", "-m", "services.cli"]
