/** What `berth help` prints. */
export const HELP = `Usage: berth [serve] [flags]          run the controller
       berth config check FILE [flags] judge a configuration file
       berth adopt --dry-run [flags]   list what would be taken over from a Nublado controller
       berth prepull status [flags]    show which images are on which nodes, and why not
       berth resume-removals           let unasked removals go on, once you know why they stopped
       berth images list               show every tag of the registry: is it in the menu, and if not, why
       berth images explain TAG        show the same of one tag, in full
       berth help | berth version

Flags of serve, each with its variable:
  --config FILE        BERTH_CONFIG        configuration (/etc/nublado/config.yaml)
  --berth-config FILE  BERTH_EXTRA_CONFIG  second file with the section berth (none)
  --host ADDRESS       BERTH_HOST          address to listen on (all, IPv4 and IPv6)
  --port PORT          BERTH_PORT          port to listen on (8080)
                       KUBECONFIG          credentials outside a pod
                       BERTH_INSTALL_CRDS  true: apply our CRDs at start

resume-removals finds the cluster as serve does, by KUBECONFIG or a pod's credentials, and the controller by its namespace.
Berth stops removing what nobody asked it to remove when that becomes too much to be believed, or when another controller
is at work on its namespaces: too_many_removals or another_controller_active in its log, in berth_removals_stopped and
in /health/ready.

Flags of images: --config and --berth-config as for serve. The registry is asked as serve would, from where you are.

Flags of prepull status, each with its variable; BERTH_TOKEN holds the bearer token of an admin:
  --url URL            BERTH_URL           a running Berth with its path prefix (http://127.0.0.1:8080/nublado)
  --user NAME          BERTH_USER          the admin's name, as the ingress would send it

Flags of config check:
  --berth-config FILE  judge this second file together with FILE
  --cluster            ask the cluster too: which volumes are destroyed when a lab stops? Fails if homes are, unless
                       berth.acceptEphemeralHome is true

Flags of adopt --dry-run: --config and --berth-config, as of serve. It writes nothing; berth serve adopts by itself.
`;
