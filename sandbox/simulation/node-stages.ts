import { stageDocument, statusPatch } from './stage-document.ts';

const CONDITIONS = `{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
`;

const READY = '.status.conditions.[] | select( .type == "Ready" ) | .status';

/**
 * The one node becomes ready at once; kwok renews its lease, so it stays so. Its kubelet endpoint is the
 * sandbox's own.
 */
export function nodeStages(kubeletPort: number): readonly unknown[] {
  const status = `${CONDITIONS}
addresses:
- {type: InternalIP, address: 127.0.0.1}
- {type: Hostname, address: {{ .metadata.name | Quote }}}
daemonEndpoints: {kubeletEndpoint: {Port: ${kubeletPort}}}
`;
  return [
    stageDocument(
      { apiGroup: 'v1', kind: 'Node' },
      'node-ready',
      [{ key: READY, operator: 'NotIn', values: ['True'] }],
      { next: { patches: [statusPatch(status)] } },
    ),
  ];
}
