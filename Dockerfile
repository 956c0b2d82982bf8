# Container image of rig_exporter; the compiler stays in the build stage.
#
#   docker build -t rig_exporter --build-arg RIG_REVISION="$(git describe --always --dirty)" .
#   docker run -d --name rig_exporter -p 10068:10068 --read-only --cap-drop ALL --security-opt no-new-privileges rig_exporter
#
# A container sees /proc/stat, meminfo, mdstat and /sys of its host, so CPU, memory, arrays and GPUs need no mounts.
# librocm_smi64 also needs the devices:
#   --device /dev/kfd --device /dev/dri
# See deploy/docker-compose.yml and deploy/docker-compose.gpu.yml for the reasons.

FROM debian:trixie-slim AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /src
COPY deploy/packages.sh deploy/
RUN . deploy/packages.sh; \
    install_packages 'for the build' "${rig_build_packages[@]}"; \
    rm -rf /var/lib/apt/lists/*
COPY . .
ARG RIG_REVISION=unknown
RUN cmake --preset release -DCMAKE_INSTALL_PREFIX=/usr/local -DRIG_REVISION="$RIG_REVISION"; \
    cmake --build --preset release; \
    DESTDIR=/out cmake --install build/release --strip

FROM debian:trixie-slim
# Without librocm-smi64-1, GPUs would be read from sysfs only; libdrm-common has the names of AMD GPUs.
RUN export DEBIAN_FRONTEND=noninteractive; \
    apt-get update -q && \
    apt-get install -y -q --no-install-recommends libfmt10 libdeflate0 libprometheus-cpp-core1.0 \
      libudev1 libyaml-cpp0.8 libgnutls30t64 libcrypt1 librocm-smi64-1 libdrm-common && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/*.log
COPY --from=build /out/ /
# Fails the build if a library is missing.
RUN rig_exporter --version && rig_gpu_probe --version && find /usr/local -name rig_tls.so | grep -q . && \
    if ldd /usr/local/bin/rig_* /usr/local/lib*/rig_exporter/*.so /usr/local/lib/*/rig_exporter/*.so 2>/dev/null | grep 'not found'; then exit 1; fi
USER 65532:65532
EXPOSE 10068
# Checks the default port; with another --web.listen-address, pass the same one in --health-cmd.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["rig_exporter", "--health"]
ENTRYPOINT ["rig_exporter"]
