const ADDRESS =
  /^(?:git\+)?(?<scheme>[a-z][a-z0-9.-]*):\/\/(?:[^/@]*@)?(?<host>\[[^\]]*\]|[^/:]*)(?::(?<port>\d+))?(?<path>\/[^?#]*)/i;
/** `user@host:path`, as ssh's own tools have it. */
const SCP = /^(?:git\+)?(?:[\w.-]+@)?(?<host>[\w.-]+):(?<path>[^?#]+)/;

const PORTS: Readonly<Record<string, string>> = { https: '443', http: '80', ssh: '22', git: '9418' };

/**
 * What is the same in all addresses of one repository: `git.example.com/team/shop` of `https://git.example.com/team/shop.git`,
 * `ssh://git@git.example.com:22/team/shop` and `git@git.example.com:team/shop.git`. Case does not count, as the large forges have it.
 */
export function repositoryName(address: string): string {
  const { scheme = '', host = '', port, path = address } = (ADDRESS.exec(address) ?? SCP.exec(address))?.groups ?? {};
  const place = port === undefined || port === PORTS[scheme.toLowerCase()] ? host : `${host}:${port}`;
  const [repository = ''] = path.replace(/^\/+/, '').split('//');
  return `${place}/${repository.replace(/\/+$/, '').replace(/\.git$/i, '')}`.toLowerCase();
}
