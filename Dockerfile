# Container image of rig_exporter: its two programs, their modules and the libraries that these need, nothing else. There is
# no shell, and no package manager.
#
#   deploy/image/build                 docker build with the revision of the git checkout in the image's labels
#   docker run -d --name rig_exporter -p 10068:10068 --read-only --cap-drop ALL --security-opt no-new-privileges rig_exporter
#
# docs/containers.md says what a container sees of its host, and which options show it more.

FROM debian:trixie-slim AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /src
COPY deploy/packages.sh deploy/
RUN . deploy/packages.sh; \
    install_packages 'for the build and the image' "${rig_build_packages[@]}" "${rig_image_packages[@]}"; \
    rm -rf /var/lib/apt/lists/*
COPY . .
# Without it, the program has the revision that .git names; a label cannot have a value that the build finds out.
ARG RIG_REVISION=
RUN cmake --preset release -DCMAKE_INSTALL_PREFIX=/usr/local -DCMAKE_UNITY_BUILD=ON \
      -DRIG_REVISION="${RIG_REVISION:-$(deploy/image/revision)}"; \
    cmake --build --preset release; \
    DESTDIR=/out cmake --install build/release --strip
RUN deploy/image/assemble /out /image; \
    for program in rig_exporter rig_gpu_probe; do chroot /image "/usr/local/bin/$program" --version; done

FROM scratch
COPY --from=build /image/ /
ARG RIG_REVISION=
LABEL org.opencontainers.image.title="rig_exporter" \
      org.opencontainers.image.description="Prometheus exporter for AMD GPUs, Linux software RAID, CPU and RAM" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${RIG_REVISION:-unknown}"
ENV PATH=/usr/local/bin
USER 65532:65532
EXPOSE 10068
# Asks the exporter at the address that its own flags or configuration file name.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["rig_exporter", "--health"]
ENTRYPOINT ["rig_exporter"]
