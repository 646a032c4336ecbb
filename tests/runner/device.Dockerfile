# A bare Debian that has the packages the playbook asks for and the pinned Python packages already: the slow part, cached as a layer.
FROM python:3.11-slim-bookworm
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      acl apt-utils ca-certificates caddy cron docker.io git iproute2 iptables kmod libicu72 libkrb5-3 nftables openssh-client procps python3-apt python3-venv restic sudo \
      systemd systemd-timesyncd tzdata unattended-upgrades zlib1g >/dev/null && apt-get clean
COPY ansible.lock /tmp/ansible.lock
RUN python3 -m venv /opt/freqtrain/ansible && /opt/freqtrain/ansible/bin/pip install -q --require-hashes -r /tmp/ansible.lock
COPY requirements.lock /tmp/requirements.lock
RUN lock=/opt/freqtrain/locks/$(sha256sum /tmp/requirements.lock | cut -c1-12)-3.11 && python3 -m venv "$lock" \
    && "$lock/bin/pip" install -q --no-cache-dir --require-hashes -r /tmp/requirements.lock && touch "$lock/.ready"
