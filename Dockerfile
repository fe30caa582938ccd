# The gateway, and with another command a worker: docker run IMAGE worker module:service

FROM python:3.13-slim AS build
WORKDIR /source
RUN python -m venv /opt/queuegate
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY contracts contracts
COPY ingress ingress
COPY workers workers
COPY queuegate queuegate
RUN /opt/queuegate/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /app queuegate \
    && install --directory --owner queuegate /var/lib/queuegate
COPY --from=build /opt/queuegate /opt/queuegate
WORKDIR /app
# The sample routes. Mount your own over it, or name another file in QUEUEGATE_CONFIG.
COPY gateway.yaml ./
# The admin port stays on the container's loopback until ADMIN_HOST opens it.
ENV PATH=/opt/queuegate/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0
USER queuegate
EXPOSE 8000 8001
# For the gateway; a worker has no admin port, so switch it off there.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ.get('ADMIN_PORT', 8001)}/readyz\", timeout=2)"]
ENTRYPOINT ["queuegate"]
CMD ["serve"]
