# One image for every command of ledig. Two stages: pip and its traces stay in the first.
FROM python:3.12.14-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/ledig
COPY requirements.lock .
RUN /opt/ledig/bin/python -m pip install --disable-pip-version-check --no-cache-dir --require-hashes --requirement requirements.lock
COPY . .
RUN /opt/ledig/bin/python -m pip install --disable-pip-version-check --no-cache-dir --no-deps --no-build-isolation .
# The simulated house where a setting can name it, whatever the version of Python.
RUN ln -s "$(/opt/ledig/bin/python -I -c 'from simulator.betahaus import SITE; print(SITE)')" /opt/ledig/betahaus

FROM python:3.12.14-slim-bookworm
RUN groupadd --gid 10001 ledig && \
    useradd --uid 10001 --gid ledig --no-create-home --home-dir /data --shell /usr/sbin/nologin ledig && \
    install --directory --owner ledig --group ledig --mode 0750 /data
COPY --from=build /opt/ledig /opt/ledig
ENV PATH=/opt/ledig/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LEDIG_DATA=/data \
    LEDIG_HOST=0.0.0.0
WORKDIR /data
USER 10001:10001
EXPOSE 8080
# Of the API; docker-compose.yml asks ingest on its own port. The image has no curl, and needs none.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client as web, sys; line = web.HTTPConnection('127.0.0.1', 8080, timeout=4); line.request('GET', '/healthz'); sys.exit(line.getresponse().status != 200)"]
ENTRYPOINT ["ledig"]
CMD ["--help"]
