/** The import rules of the house; every rule says why it exists. */
const domains = '(labs|fileservers|images|prepuller|containers|buildbarn|admin|cli)';
const foundation = '(common|config|events|reconcile|kubernetes|volumes|auth|health|http|discovery)';
const spec = '\\.spec\\.ts$';
const pure = '\\.(policy|builder|mapper)\\.ts$';
const sdk = '^(node_modules/)?@kubernetes/client-node';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle passes in Vitest and crashes the built process at start.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'foundation-stays-below',
      comment: 'The foundation knows no domain; a thing that knows one lives there.',
      severity: 'error',
      from: { path: `^src/${foundation}/`, pathNot: spec },
      to: { path: `^src/${domains}/` },
    },
    {
      name: 'enter-by-the-front-door',
      comment: 'Other modules import a module through its index.ts only.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: spec },
      to: { path: '^src/([^/]+)/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/common/'] },
    },
    {
      name: 'core-ignores-optional',
      comment: 'The core must run with containers and buildbarn absent.',
      severity: 'error',
      from: { path: '^src/(?!(containers|buildbarn)/)[^/]+/', pathNot: spec },
      to: { path: '^src/(containers|buildbarn)/' },
    },
    {
      name: 'images-know-nobody',
      comment: 'Images are asked by labs and the prepuller, and ask nobody.',
      severity: 'error',
      from: { path: '^src/images/', pathNot: spec },
      to: { path: '^src/(labs|fileservers|prepuller|containers|buildbarn|admin|cli)/' },
    },
    {
      name: 'sdk-values-only-in-kubernetes',
      comment: "The SDK's run-time code fails in ways users feel; src/kubernetes wraps what is safe.",
      severity: 'error',
      from: { path: '^(src|demo|bench)/', pathNot: '^src/kubernetes/' },
      to: { path: sdk, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sdk-types-only-at-the-edge',
      comment: 'Decisions speak our words; Kubernetes types stay in builder, mapper and repository.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/kubernetes/', '^src/volumes/', '\\.(builder|mapper|repository)\\.ts$', spec],
      },
      to: { path: sdk },
    },
    {
      name: 'pure-stays-pure',
      comment: 'Policy, builder and mapper are functions of their arguments.',
      severity: 'error',
      from: { path: pure },
      to: { path: '(\\.(service|repository|reconciler|controller|module)\\.ts$|^(node_modules/)?@nestjs/)' },
    },
    {
      name: 'pure-does-no-io',
      comment: 'Hashing aside, pure files use none of Node’s core modules.',
      severity: 'error',
      from: { path: pure },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'nothing-imports-a-controller',
      comment: 'HTTP is an edge: only the module that wires it, and specs, may know it.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.module\\.ts$', spec] },
      to: { path: '\\.controller\\.ts$' },
    },
    {
      name: 'src-never-imports-test',
      comment: 'What ships must not need what proves it.',
      severity: 'error',
      from: { path: '^src/', pathNot: spec },
      to: { path: '^(test|simulator|demo|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
