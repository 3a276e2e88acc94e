/**
 * Reports a class that Nest injects by its type but that is imported as a type only.
 * Such an import leaves no `emitDecoratorMetadata`: it compiles, and the application fails at start.
 */
export const injectedClassIsValueImport = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      typeOnly:
        "'{{name}}' is injected by its class: import it as a value, inject a token with @Inject(), or, where a " +
        'factory makes the object, leave the decorator off.',
    },
  },
  create(context) {
    return {
      "MethodDefinition[kind='constructor']"(constructor) {
        if (constructor.parent.parent.decorators.length === 0) return;
        for (const parameter of constructor.value.params) {
          const declared = parameter.type === 'TSParameterProperty' ? parameter.parameter : parameter;
          const type = declared.typeAnnotation?.typeAnnotation;
          if (type?.type !== 'TSTypeReference' || parameter.decorators.some(isInject)) continue;
          const { name } = type.typeName;
          if (isTypeOnlyImport(context.sourceCode.ast, name)) {
            context.report({ node: parameter, messageId: 'typeOnly', data: { name } });
          }
        }
      },
    };
  },
};

function isInject({ expression }) {
  return expression.type === 'CallExpression' && /^Inject/.test(expression.callee.name ?? '');
}

function isTypeOnlyImport(program, name) {
  return program.body
    .filter(({ type }) => type === 'ImportDeclaration')
    .some(({ importKind, specifiers }) =>
      specifiers.some(
        (specifier) =>
          specifier.local.name === name && (importKind === 'type' || specifier.importKind === 'type'),
      ),
    );
}
