#!/bin/sh
# The first process of a real node, inside namespaces of its own (mounts, network, processes): what it mounts, listens
# on and starts is gone with it, and the machine's own settings stay as they are.
#   init.sh FOLDER NODE_IP KUBELET PORT...
# FOLDER holds the configurations; each PORT is a port of the machine's loopback that the node reaches under the same
# number, through the socket FOLDER/relay/PORT.
set -eu
folder=$1 ip=$2 kubelet=$3
shift 3

# Images, volumes and logs where every tool looks for them, and still in our folder.
for place in lib log; do
  mkdir -p "$folder/var-$place"
  mount --bind "$folder/var-$place" "/var/$place"
done
mkdir -p "$folder/home" /var/lib/kubelet /var/log/pods
mount --bind "$folder/home" /home
mount -t tmpfs tmpfs /run
mount --make-rshared /

# A kubelet sets these for the whole machine; here it finds them as it wants them, and writes nothing.
set_for_kubelet() {
  echo "$2" >"$folder/sysctl-$(basename "$1")"
  mount --bind "$folder/sysctl-$(basename "$1")" "/proc/sys/$1"
}
set_for_kubelet vm/overcommit_memory 1
set_for_kubelet vm/panic_on_oom 0
set_for_kubelet kernel/panic 10
set_for_kubelet kernel/panic_on_oops 1
set_for_kubelet kernel/keys/root_maxkeys 1000000
set_for_kubelet kernel/keys/root_maxbytes 25000000

# A kubelet refuses a node address on loopback. Without the last line, looking up a name would hang for ten seconds.
ip link set lo up
ip link add node0 type bridge
ip addr add "$ip/16" dev node0
ip link set node0 up
ip route add unreachable default

for port in "$@"; do
  socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" "UNIX-CONNECT:$folder/relay/$port" &
done
containerd --config "$folder/containerd.toml" >"$folder/containerd.log" 2>&1 &
until [ -S /run/containerd/containerd.sock ]; do sleep 0.05; done
"$kubelet" --config="$folder/kubelet.json" --kubeconfig="$folder/kubeconfig" --root-dir=/var/lib/kubelet \
  --hostname-override="$(cat "$folder/name")" --node-ip="$ip" >"$folder/kubelet.log" 2>&1 &
# Orphans come to the first process: waiting is what takes them away.
wait
