// A few tetrahedra in two regions; see README.md.
SetFactory("OpenCASCADE");
Box(1) = {0, 0, 0, 3, 2, 1.5};
Box(2) = {0, 0, 1.5, 3, 2, 0.7};
Coherence;
Physical Volume("low part") = {1};
Physical Volume("high") = {2};
Physical Surface("floor") = Surface In BoundingBox {-1, -1, -0.1, 4, 3, 0.1};
Physical Surface("middle") = Surface In BoundingBox {-1, -1, 1.4, 4, 3, 1.6};
Mesh.MeshSizeMin = 3;
Mesh.MeshSizeMax = 3;
