import { Component, type ComponentChildren } from 'preact';

interface BoundaryProps {
  /** The data that the children draw; after an error, other data are drawn again. */
  readonly of?: unknown;
  /** Returns what takes the place of the children. @param drawAgain draws them once more */
  readonly fallback: (drawAgain: () => void) => ComponentChildren;
  readonly children: ComponentChildren;
}

/** Keeps an error in the drawing of one figure from ending the others. */
export class Boundary extends Component<BoundaryProps, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  override componentDidCatch(error: unknown): void {
    // Stands in the console of the browser as an uncaught error does.
    reportError(error);
    this.setState({ hasFailed: true });
  }

  override componentDidUpdate({ of }: BoundaryProps): void {
    if (this.state.hasFailed && of !== this.props.of) this.drawAgain();
  }

  override render(): ComponentChildren {
    return this.state.hasFailed ? this.props.fallback(this.drawAgain) : this.props.children;
  }

  private readonly drawAgain = (): void => {
    this.setState({ hasFailed: false });
  };
}
