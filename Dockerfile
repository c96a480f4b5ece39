# SPDX-License-Identifier: GPL-2.0-or-later
# Lede in a container: built on Debian 12, run on Debian 12 with what running needs alone.
#   docker build -t lede .
#   docker run -v lede-data:/var/lib/lede lede key new --rights search,read,write,delete,admin > admin.key
#   docker run -p 127.0.0.1:5333:5333 -v lede-data:/var/lib/lede lede
# Without a key it does not start, unless it is told that whoever reaches it may do everything: -e LEDE_SERVER_OPEN=true
FROM debian:12 AS build
WORKDIR /src
COPY config/packages.txt config/install-packages config/
RUN sh config/install-packages build
COPY . .
RUN meson setup /build --buildtype=release --prefix=/usr --sysconfdir=/etc && ninja -C /build installed \
 && DESTDIR=/stage meson install -C /build --no-rebuild

FROM debian:12-slim
COPY config/packages.txt config/install-packages /tmp/config/
RUN sh /tmp/config/install-packages run && rm -rf /tmp/config /var/lib/apt/lists/* \
 && useradd --system --home-dir /var/lib/lede --create-home --shell /usr/sbin/nologin lede
# /lib is a link, and a container has no use for the service unit there.
COPY --from=build /stage/usr /usr
COPY --from=build /stage/etc /etc
USER lede
# The settings file is /etc/lede/lede.ini; the environment wins over it.
ENV LEDE_STORE_DATA=/var/lib/lede/data LEDE_SERVER_LISTEN=0.0.0.0:5333
VOLUME /var/lib/lede
EXPOSE 5333
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["lede", "health"]
ENTRYPOINT ["lede"]
CMD ["serve"]
