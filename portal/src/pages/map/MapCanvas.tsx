import '@xyflow/react/dist/style.css';
import './map-canvas.css';
import { graphlib, layout } from '@dagrejs/dagre';
import { useComputedColorScheme } from '@mantine/core';
import {
  Controls,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { number } from '../../i18n/dates.ts';
import { countWords, markWords } from './map-words.ts';
import type { MapRow, MapTree } from './use-map-tree.ts';

type Props = { tree: MapTree; selectedId: string | undefined; onSelect: (id: string) => void };
type Card = Node<{ row: MapRow }, 'organization'>;

const width = 250;
const marksShown = 3;
const lineHeight = 18;

/** What a card says decides how high it is; the layout has to know before it is drawn. */
const heightOf = ({ node, more }: MapRow): number =>
  64 +
  lineHeight * Math.min(node.delegations.length, marksShown) +
  (node.delegationCount > marksShown ? lineHeight : 0) +
  (node.exceptionCount > 0 ? lineHeight : 0) +
  (node.childCount > 0 ? 34 : 0) +
  (more > 0 ? 34 : 0);

/** The organization tree as a picture, from left to right; the list beside it says and does the same. */
export function MapCanvas(props: Props): ReactNode {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

const Acts = createContext<Props | undefined>(undefined);
const types = { organization: OrganizationCard };

function Canvas(props: Props): ReactNode {
  const { t } = useTranslation();
  const { tree, selectedId } = props;
  const scheme = useComputedColorScheme('light');
  const { nodes, edges } = useMemo(() => place(tree.rows), [tree.rows]);
  const { setCenter } = useReactFlow();
  const chosen = nodes.find(({ id }) => id === selectedId);
  const [x, y] = [chosen?.position.x, chosen?.position.y];
  useEffect(() => {
    if (x !== undefined && y !== undefined) setCenter(x + width / 2, y + 60, { zoom: 1 });
  }, [x, y, setCenter]);
  return (
    <Acts value={props}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={types}
        colorMode={scheme}
        fitView={selectedId === undefined}
        fitViewOptions={{ maxZoom: 1, minZoom: 0.5 }}
        minZoom={0.15}
        maxZoom={1.5}
        panOnScroll
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        onlyRenderVisibleElements={nodes.length > 150}
        proOptions={{ hideAttribution: true }}
        aria-label={t('map.picture')}
        ariaLabelConfig={{
          'controls.ariaLabel': t('map.controls'),
          'controls.zoomIn.ariaLabel': t('map.zoomIn'),
          'controls.zoomOut.ariaLabel': t('map.zoomOut'),
          'controls.fitView.ariaLabel': t('map.fit'),
        }}
      >
        <Controls showInteractive={false} />
      </ReactFlow>
    </Acts>
  );
}

function place(rows: readonly MapRow[]): { nodes: Card[]; edges: Edge[] } {
  const graph = new graphlib.Graph();
  // not the longest path: it would draw whatever has nothing below it in the last column
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 60, ranker: 'tight-tree' });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const row of rows) graph.setNode(row.node.id, { width, height: heightOf(row) });
  const edges: Edge[] = [];
  // dagre draws the last edge of a parent first
  for (const { node, parentId } of rows.toReversed()) {
    if (!parentId) continue;
    graph.setEdge(parentId, node.id);
    edges.push({ id: `${parentId}-${node.id}`, source: parentId, target: node.id, type: 'smoothstep' });
  }
  layout(graph);
  const nodes = rows.map((row): Card => {
    const at = graph.node(row.node.id);
    const height = heightOf(row);
    return {
      id: row.node.id,
      type: 'organization',
      position: { x: at.x - width / 2, y: at.y - height / 2 },
      data: { row },
      width,
      height,
    };
  });
  return { nodes, edges };
}

function OrganizationCard({ data }: NodeProps<Card>): ReactNode {
  const { t } = useTranslation();
  const acts = useContext(Acts);
  if (!acts) return null;
  const { tree, selectedId, onSelect } = acts;
  const { node, expanded, loading, more } = data.row;
  const selected = selectedId === node.id;
  return (
    <div
      className="map-card"
      data-selected={selected || undefined}
      data-off={node.state !== 'active' || undefined}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <button
        type="button"
        className="map-card-name nodrag"
        aria-pressed={selected}
        onClick={() => onSelect(node.id)}
      >
        {node.name}
      </button>
      <div className="map-card-counts">
        {node.state === 'active' ? '' : `${t(`organization.state.${node.state}`)} · `}
        {countWords(node)}
      </div>
      {node.delegations.slice(0, marksShown).map((mark) => (
        <div
          key={mark.delegationId}
          className="map-card-mark"
          data-standing={mark.kind === 'organization' || undefined}
          data-idle={!mark.inForce || mark.vacant || undefined}
          title={mark.sentence}
        >
          {markWords(mark)}
        </div>
      ))}
      {node.delegationCount > marksShown ? (
        <div className="map-card-counts">{t('map.more', { count: node.delegationCount - marksShown })}</div>
      ) : null}
      {node.exceptionCount > 0 ? (
        <div className="map-card-exception">{t('map.exceptions', { count: node.exceptionCount })}</div>
      ) : null}
      {node.childCount > 0 ? (
        <button
          type="button"
          className="map-card-twist nodrag"
          aria-expanded={expanded}
          aria-label={t('map.belowOf', {
            name: node.name,
            count: node.childCount,
            number: number(node.childCount),
          })}
          aria-busy={loading || undefined}
          onClick={() => tree.toggle(node.id)}
        >
          {t('map.below', { count: node.childCount, number: number(node.childCount) })}
        </button>
      ) : null}
      {more > 0 ? (
        <button type="button" className="map-card-twist nodrag" onClick={() => tree.showMore(node.id)}>
          {t('map.moreBelow', { name: node.name, count: more, number: number(more) })}
        </button>
      ) : null}
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}
