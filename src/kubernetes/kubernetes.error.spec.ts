import { describe, expect, it } from 'vitest';
import { KubernetesError } from './kubernetes.error.js';

describe('KubernetesError', () => {
  it('shows the log each thing once', () => {
    const apiMessage = 'no answer: connect ECONNREFUSED 127.0.0.1:6443';
    const error = new KubernetesError({ verb: 'list', kind: 'Pod', status: 0, verdict: 'retry', apiMessage });

    expect(JSON.stringify(Object.entries(error)).split(apiMessage)).toHaveLength(2);
    expect(error.asUnanswered()).toMatchObject({ verb: 'list', kind: 'Pod', apiMessage, unanswered: true });
  });
});
