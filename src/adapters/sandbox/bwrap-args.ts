/** A place of the host and where it appears inside. */
export interface Mount {
  readonly from: string;
  readonly at: string;
}

/** Everything a fenced tree sees. */
export interface View {
  readonly writable: readonly Mount[];
  readonly readable: readonly Mount[];
  /** Links that stand in the root, such as /bin on a merged system. */
  readonly links: readonly { readonly at: string; readonly to: string }[];
  /** The complete environment inside. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly hostName: string;
  readonly uid: number;
  readonly gid: number;
  /** Descriptor of the system call filter. */
  readonly seccompFd: number;
  /** What this machine's bubblewrap and kernel can do besides. */
  readonly can: { readonly disableUserNamespaces: boolean };
}

/**
 * The words for bubblewrap: namespaces of its own for everything, nothing of the host but what the
 * view names, no capability, no way back. The root becomes read-only last, when all is in place.
 */
export function bwrapArgs(view: View): readonly string[] {
  return [
    ["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"],
    ["--unshare-cgroup-try"],
    view.can.disableUserNamespaces ? ["--disable-userns"] : [],
    ["--uid", String(view.uid), "--gid", String(view.gid), "--hostname", view.hostName],
    ["--new-session", "--die-with-parent", "--cap-drop", "ALL", "--clearenv"],
    view.links.flatMap(({ at, to }) => ["--symlink", to, at]),
    KERNEL_PLACES,
    ["--symlink", "../tmp", "/var/tmp"],
    inDepthOrder([
      ...view.readable.map(({ from, at }) => ({ from, at, flag: "--ro-bind" })),
      ...view.writable.map(({ from, at }) => ({ from, at, flag: "--bind" })),
    ]),
    ["--remount-ro", "/dev", "--remount-ro", "/"],
    Object.entries(view.env).flatMap(([name, value]) => ["--setenv", name, value]),
    ["--chdir", view.cwd, "--seccomp", String(view.seccompFd)],
  ].flat();
}

/** Own processes only, kernel settings read-only, no keys of the user, devices that are none. */
const KERNEL_PLACES: readonly string[] = [
  ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys"],
  ["--ro-bind", "/dev/null", "/proc/keys", "--ro-bind", "/dev/null", "/proc/key-users"],
  ["--dev", "/dev"],
].flat();

/** What lies above is mounted first; what lies below would be hidden by it otherwise. */
function inDepthOrder(mounts: readonly (Mount & { readonly flag: string })[]): readonly string[] {
  return mounts
    .toSorted((a, b) => a.at.length - b.at.length)
    .flatMap(({ flag, from, at }) => [flag, from, at]);
}
