#version 330
uniform mat4 light_projection;
in vec3 position;

void main() {
    gl_Position = light_projection * vec4(position, 1.0);
}
